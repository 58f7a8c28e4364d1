// The search of the catalogue of operations. Without it the page is the whole list.

const form = document.querySelector("[data-search]");
const input = form.querySelector("input");
const output = form.querySelector("output");
const operations = [...document.querySelectorAll("[data-words]")];
const groups = [...document.querySelectorAll("[data-group]")];

function show() {
  const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const operation of operations) {
    const found = wanted.every((word) => operation.dataset.words.includes(word));
    operation.hidden = !found;
    count += found;
  }
  for (const group of groups) group.hidden = !group.querySelector("[data-words]:not([hidden])");
  output.textContent = wanted.length ? `${count} of ${operations.length}` : "";
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", show);
show(); // a browser may have kept what was typed before a reload
