# The service from R: httr2 sends, jsonlite reads. Run: Rscript gradient_client.R
suppressPackageStartupMessages(library(httr2))
url <- paste0(Sys.getenv("GRADIENT_URL", "http://127.0.0.1:8000"), "/gradient")
show <- function(name, number) cat(sprintf("%s %.1f\n", name, number))
post <- function(message) {
  request(url) |> req_body_json(message) |> req_error(is_error = \(response) FALSE) |> req_perform()
}

# One request: d = a*b + c, its value and its gradient.
message <- list(expression = "a*b + c", bindings = list(a = 2, b = -3, c = 10))
answer <- resp_body_json(post(message))
show("value", answer$value)
for (name in names(answer$gradients)) show(name, answer$gradients[[name]])

# A mistake: the answer is a problem document.
response <- post(modifyList(message, list(expression = "a*b +")))
if (resp_status(response) != 200) {
  problem <- resp_body_json(response, check_type = FALSE)
  cat(sprintf("%d %s: %s\n", problem$status, problem$title, problem$detail))
  for (fault in problem$errors) cat(sprintf("%s: %s\n", fault$pointer, fault$detail))
}

# Many at once: a message a line, an answer a line, each as soon as it is there.
lines <- c('{"id": "one", "expression": "x**2", "bindings": {"x": 1}}',
           '{"id": "two", "expression": "x**", "bindings": {"x": 2}}',
           '{"id": "three", "expression": "x**2", "bindings": {"x": 3}}')
handle <- curl::new_handle(postfields = paste(lines, collapse = "\n")) |>
  curl::handle_setheaders("Content-Type" = "application/x-ndjson")
stream <- curl::curl(url, "r", handle)
while (length(line <- readLines(stream, n = 1)) > 0) {
  each <- jsonlite::fromJSON(line)
  if (each$status == 200) show(each$id, each$result$gradients$x)
  else cat(each$id, each$problem$detail, fill = TRUE)
}
close(stream)
