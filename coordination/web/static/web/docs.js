"use strict";

const page = document.getElementById("rest-docs");

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.openapi,
  deepLinking: true,
  // Nothing leaves this site: without it the page asks a public validator.
  validatorUrl: null,
  requestInterceptor(request) {
    if (!["GET", "HEAD"].includes(request.method || "GET")) {
      request.headers["X-CSRFToken"] = page.dataset.csrf;
    }
    return request;
  },
});
