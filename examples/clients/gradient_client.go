// The service from Go's standard library. Run: go run gradient_client.go
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

type answer struct {
	Value     float64
	Gradients map[string]float64
}

type problem struct {
	Status        int
	Title, Detail string
	Errors        []struct{ Pointer, Code, Detail string }
}

func post(body, kind string) *http.Response {
	url, given := os.LookupEnv("GRADIENT_URL")
	if !given {
		url = "http://127.0.0.1:8000"
	}
	response, err := http.Post(url+"/gradient", kind, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	return response
}

func read(from io.Reader, into any) {
	if err := json.NewDecoder(from).Decode(into); err != nil {
		log.Fatal(err)
	}
}

func main() {
	// One request: d = a*b + c, its value and its gradient.
	message := `{"expression": "%s", "bindings": {"a": 2, "b": -3, "c": 10}}`
	response := post(fmt.Sprintf(message, "a*b + c"), "application/json")
	defer response.Body.Close()
	var found answer
	read(response.Body, &found)
	fmt.Printf("value %.1f\n", found.Value)
	for _, name := range []string{"a", "b", "c"} {
		fmt.Printf("%s %.1f\n", name, found.Gradients[name])
	}

	// A mistake: the answer is a problem document.
	response = post(fmt.Sprintf(message, "a*b +"), "application/json")
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var wrong problem
		read(response.Body, &wrong)
		fmt.Printf("%d %s: %s\n", wrong.Status, wrong.Title, wrong.Detail)
		for _, fault := range wrong.Errors {
			fmt.Printf("%s: %s\n", fault.Pointer, fault.Detail)
		}
	}

	// Many at once: a message a line, an answer a line, each as soon as it is there.
	lines := `{"id": "one", "expression": "x**2", "bindings": {"x": 1}}
{"id": "two", "expression": "x**", "bindings": {"x": 2}}
{"id": "three", "expression": "x**2", "bindings": {"x": 3}}
`
	stream := post(lines, "application/x-ndjson")
	defer stream.Body.Close()
	for scanner := bufio.NewScanner(stream.Body); scanner.Scan(); {
		var each struct {
			ID      string
			Result  *answer
			Problem *problem
		}
		read(strings.NewReader(scanner.Text()), &each)
		if each.Problem != nil {
			fmt.Println(each.ID, each.Problem.Detail)
		} else {
			fmt.Printf("%s %.1f\n", each.ID, each.Result.Gradients["x"])
		}
	}
}
