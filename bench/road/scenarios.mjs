// The requests whose road is counted: what binds each, what is sent, what must come back.

const form = [
  '--boundary',
  'Content-Disposition: form-data; name="picture"; filename="ann.gif"',
  'Content-Type: image/gif',
  '',
  'GIF89a',
  '--boundary--',
  '',
].join('\r\n')

export const scenarios = {
  hello: {
    bind: (server) => server.bindHandler('GET:/hello', () => 'Hello, World!'),
    path: '/hello',
    status: 200,
    answer: 'Hello, World!',
  },
  json: {
    bind: (server, { Controller }) => {
      class OrderController extends Controller {
        async create() {
          const { title } = await this.request.json()
          return { id: 7, title }
        }
      }
      server.bindHookHandler('/orders/*', 'BeforeServe', () => {})
      server.bindHookHandler('/orders/*', 'AfterServe', () => {})
      server.bindController('POST:/orders', OrderController)
    },
    method: 'POST',
    path: '/orders/create',
    type: 'application/json',
    body: '{"title":"Emma"}',
    status: 200,
    answer: '{"id":7,"title":"Emma"}',
  },
  upload: {
    bind: (server) =>
      server.bindHandler('POST:/upload', async (request) => {
        const picture = await request.file('picture')
        return `${picture.filename}: ${picture.size} bytes`
      }),
    method: 'POST',
    path: '/upload',
    type: 'multipart/form-data; boundary=boundary',
    body: form,
    status: 200,
    answer: 'ann.gif: 6 bytes',
  },
  error: {
    bind: (server) => {
      server.bindMiddleware('/error', (_request, next) => next())
      server.bindHandler('GET:/error', () => {
        throw new Error('No more paper')
      })
    },
    path: '/error',
    status: 500,
    answer: 'Internal Server Error',
  },
}
