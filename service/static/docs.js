// Swagger UI, from files of our own: a line for each address until it is opened.

window.ui = window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  defaultModelRendering: "model",
  defaultModelExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
});
