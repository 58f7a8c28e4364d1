// openapi-typescript and openapi-fetch, of /openapi-clients.json: an answer has one type.
import createClient from "openapi-fetch";
import type { components, paths } from "./clients.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const nodes: components["schemas"]["GraphNode"][] = [
  { id: "e", op: "mul", args: ["a", "b"] },
  { id: "d", op: "add", args: ["e", "c"] },
];

const answer = await client.POST("/gradient", {
  body: { graph: { nodes }, bindings: { a: 2, b: -3, c: 10 }, output: "d" },
});
if (answer.error) throw new Error(answer.error.detail);
const { value, gradients }: components["schemas"]["GradientAnswer"] = answer.data;
console.log(value, gradients.a, gradients.b, gradients.c);

const refused = await client.POST("/gradient", {
  body: { expression: "a*b + d", bindings: { a: 2, b: -3 } },
});
if (!refused.error) throw new Error("an unbound name was answered");
const problem: components["schemas"]["Problem"] = refused.error;
const fault = problem.errors?.[0];
console.log(problem.status, problem.type, fault?.code, fault?.pointer);
