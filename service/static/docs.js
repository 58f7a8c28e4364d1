// Swagger UI, from files of our own: a line for each address until it is opened,
// and for all schemas together.

window.ui = window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelRendering: "model",
  defaultModelExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
});
