// openapi-generator's typescript-fetch.
import { Configuration, DifferentiateApi, ProblemFromJSON, ResponseError } from "./generated";
import type { GradientAnswer, GraphNode } from "./generated";

async function main(): Promise<void> {
  const api = new DifferentiateApi(new Configuration({ basePath: process.argv[2] }));
  const nodes: GraphNode[] = [
    { id: "e", op: "mul", args: ["a", "b"] },
    { id: "d", op: "add", args: ["e", "c"] },
  ];
  const answer: GradientAnswer = await api.gradient({
    gradientMessage: { graph: { nodes }, bindings: { a: 2, b: -3, c: 10 }, output: "d" },
  });
  const { value, gradients } = answer;
  console.log(value, gradients["a"], gradients["b"], gradients["c"]);

  try {
    await api.gradient({ gradientMessage: { expression: "a*b + d", bindings: { a: 2, b: -3 } } });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    const problem = ProblemFromJSON(await error.response.json());
    const fault = problem.errors?.[0];
    console.log(problem.status, problem.type, fault?.code, fault?.pointer);
  }
}

main();
