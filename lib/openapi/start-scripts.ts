/** Operations of a domain are tried at the port of the page: documents name none. */
const toOwnPort = `(request) => {
  const url = new URL(request.url, location.href)
  if (url.hostname === location.hostname && url.port === '') url.port = location.port
  return Object.assign(request, { url: url.href })
}`

/** Starts the page of `swagger-ui-dist`. Nothing is sent to a validator of documents. */
export const startSwagger: string = `const page = document.querySelector('#page')
SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  validatorUrl: null,
  deepLinking: true,
  oauth2RedirectUrl: new URL('oauth2-redirect.html', document.currentScript.src).href,
  requestInterceptor: ${toOwnPort},
})
`

/** Starts the page of `@scalar/api-reference`, which knows no relative servers. Nothing goes through a proxy, and no font is loaded. */
export const startScalar: string = `const page = document.querySelector('#page')
const url = new URL(page.dataset.document, location.href)
const toAbsolute = (owner) => {
  for (const server of owner.servers ?? [])
    if (!server.url.includes('{')) server.url = new URL(server.url, url).href.replace(/\\/$/, '')
}
fetch(url)
  .then((response) => response.json())
  .then((content) => {
    toAbsolute(content)
    for (const path of Object.values(content.paths)) for (const operation of Object.values(path)) toAbsolute(operation)
    Scalar.createApiReference(page, {
      content,
      withDefaultFonts: false,
      telemetry: false,
      proxyUrl: '',
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    })
  })
`
