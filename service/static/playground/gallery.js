/** Functions to begin with. Each says what to look at. */

/** @type {Array<{name: string, text: string, values: Object, ranges?: Object, node?: string, panel?: string,
 *                across?: string[], over?: string, note: string}>} */
export const GALLERY = [
  {
    name: "d = a·b + c",
    text: "e = a*b\nd = e + c\nd",
    values: { a: 2, b: -3, c: 10 },
    node: "e",
    note: "Where every introduction begins: the slopes are b, a and 1.",
  },
  {
    name: "3x² − 4x + 5",
    text: "3*x**2 - 4*x + 5",
    values: { x: 3 },
    note: "The first curve of the notes. Nudge x and watch its slope, 14, appear.",
  },
  {
    name: "L = (a·b + c) · f",
    text: "e = a*b\nd = e + c\nL = d*f\nL",
    values: { a: 2, b: -3, c: 10, f: -2 },
    node: "e",
    note: "One multiplication more: every gradient behind it is multiplied by f.",
  },
  {
    name: "A value used twice: b = a + a",
    text: "b = a + a\nc = b*b\nc",
    values: { a: 3 },
    node: "b",
    note: "Gradients of all uses add up: += and not =.",
  },
  {
    name: "A neuron",
    text: "n = x1*w1 + x2*w2 + b\no = tanh(n)\no",
    values: { x1: 2, x2: 0, w1: -3, w2: 1, b: 6.8813735870195432 },
    ranges: { b: [0, 14] },
    node: "n",
    over: "b",
    note: "tanh squashes the sum. Move b: where the neuron is saturated, no gradient comes through.",
  },
  {
    name: "micrograd's README",
    text: `c = a + b
d = a*b + b**3
c1 = c + c + 1
c2 = c1 + 1 + c1 - a
d1 = d + d*2 + relu(b + a)
d2 = d1 + 3*d1 + relu(b - a)
e = c2 - d2
f = e**2
g = f/2.0 + 10.0/f
g`,
    values: { a: -4, b: 2 },
    note: "The answer is 24.7041, with slopes 138.8338 and 645.5773.",
  },
  {
    name: "A small network: 2 inputs, 3 neurons, 1 output",
    text: `h1 = tanh(u11*x1 + u12*x2 + b1)
h2 = tanh(u21*x1 + u22*x2 + b2)
h3 = tanh(u31*x1 + u32*x2 + b3)
y = v1*h1 + v2*h2 + v3*h3
loss = (y - target)**2
loss`,
    values: {
      x1: 1, x2: -0.5, u11: 0.8, u12: -0.4, u21: -0.6, u22: 0.9, u31: 0.3, u32: 0.5,
      b1: 0.1, b2: -0.2, b3: 0, v1: 1.2, v2: -0.7, v3: 0.4, target: 0.5,
    },
    node: "y",
    across: ["v1", "v2"],
    note: "Blue weights want to shrink, orange ones to grow: each by its width.",
  },
  {
    name: "Softmax with cross-entropy",
    text: `s = exp(z1) + exp(z2) + exp(z3)
p1 = exp(z1)/s
loss = -log(p1)
loss`,
    values: { z1: 1, z2: 2, z3: 0.5 },
    node: "s",
    across: ["z1", "z2"],
    note: "The gradients of the logits are p − 1 for the right class and p for the others: they sum to 0.",
  },
  {
    name: "A kink",
    text: "abs(x - 1) + 0.25*x",
    values: { x: 1 },
    panel: "nudge",
    note: "At x = 1 the slopes from left and right disagree: the check says so, and the convention is 0 for abs.",
  },
  {
    name: "A dead branch",
    text: "r = relu(a*x + b)\ny = 3*r + x\ny",
    values: { a: 2, x: -1.5, b: 1 },
    node: "r",
    over: "x",
    note: "relu is shut: nothing flows back through it to a and b. Move x until it opens.",
  },
  {
    name: "Rosenbrock's valley, with its Hessian",
    text: "(1 - x)**2 + 100*(y - x**2)**2",
    values: { x: -1, y: 2 },
    ranges: { x: [-2, 2], y: [-1, 3] },
    panel: "surface",
    across: ["x", "y"],
    note: "Steep walls, a flat floor: click into the map to move. The Hessian stands under it.",
  },
  {
    name: "Tensors: a layer at once",
    text: "h = tanh(W @ x)\nloss = sum((h - t)**2)\nloss",
    values: { W: [[0.5, -0.2], [0.3, 0.8]], x: [1, 2], t: [0, 1] },
    node: "h",
    note: "The same graph with matrices: a gradient has the shape of its value.",
  },
];
