// openapi-typescript and openapi-fetch, of /openapi.json: JSON is one media type among others, and
// a number or a tensor is a union.
import createClient from "openapi-fetch";
import type { components, paths } from "./whole.js";

type ResultTensor = components["schemas"]["ResultTensor"];

const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: process.argv[2] });

function number(result: ResultTensor | undefined): number {
  if (typeof result !== "number") throw new Error(`expected a number, found ${String(result)}`);
  return result;
}

const answer = await client.POST("/gradient", {
  body: { expression: "a*b + c", bindings: { a: 2, b: -3, c: 10 } },
});
if (answer.error) throw new Error(answer.error.detail);
const { value, gradients } = answer.data;
console.log(...[value, gradients.a, gradients.b, gradients.c].map(number));

const sparse = await client.POST("/hessian", {
  body: { expression: "a*b + c", bindings: { a: 2, b: -3, c: 10 }, sparse: true },
});
const entries: components["schemas"]["SparseMatrix"] | undefined = sparse.data?.entries;
if (entries?.values.map(number).join() !== "1,1") throw new Error("a*b has two second derivatives");

const refused = await client.POST("/gradient", {
  // @ts-expect-error: a binding is a number or a tensor
  body: { expression: "a*b + d", bindings: { a: true } },
});
if (refused.data) throw new Error("true was taken for a number");

const unbound = await client.POST("/gradient", {
  body: { expression: "a*b + d", bindings: { a: 2, b: -3 } },
});
if (!unbound.error) throw new Error("an unbound name was answered");
const problem: components["schemas"]["Problem"] = unbound.error;
const fault = problem.errors?.[0];
console.log(problem.status, problem.type, fault?.code, fault?.pointer);
