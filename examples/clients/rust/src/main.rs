//! The service from Rust: ureq sends, serde_json reads. Run: cargo run
use std::io::{BufRead, BufReader};

use serde_json::{json, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = std::env::var("GRADIENT_URL").unwrap_or_else(|_| "http://127.0.0.1:8000".into());
    let url = base + "/gradient";

    // One request: d = a*b + c, its value and its gradient.
    let mut message = json!({"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}});
    let answer: Value = ureq::post(&url).send_json(&message)?.into_json()?;
    println!("value {}", answer["value"]);
    for (name, gradient) in answer["gradients"].as_object().ok_or("no gradients")? {
        println!("{name} {gradient}");
    }

    // A mistake: the answer is a problem document.
    message["expression"] = json!("a*b +");
    match ureq::post(&url).send_json(&message) {
        Err(ureq::Error::Status(status, response)) => {
            let problem: Value = response.into_json()?;
            println!("{status} {}: {}", text(&problem["title"]), text(&problem["detail"]));
            for fault in problem["errors"].as_array().into_iter().flatten() {
                println!("{}: {}", text(&fault["pointer"]), text(&fault["detail"]));
            }
        }
        other => println!("{other:?}"),
    }

    // Many at once: a message a line, an answer a line, each as soon as it is there.
    let lines: String = [("one", "x**2", 1), ("two", "x**", 2), ("three", "x**2", 3)]
        .map(|(id, text, x)| json!({"id": id, "expression": text, "bindings": {"x": x}}).to_string() + "\n")
        .concat();
    let stream = ureq::post(&url).set("Content-Type", "application/x-ndjson").send_string(&lines)?;
    for line in BufReader::new(stream.into_reader()).lines() {
        let each: Value = serde_json::from_str(&line?)?;
        if each["status"] == 200 {
            println!("{} {}", text(&each["id"]), each["result"]["gradients"]["x"]);
        } else {
            println!("{} {}", text(&each["id"]), text(&each["problem"]["detail"]));
        }
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
