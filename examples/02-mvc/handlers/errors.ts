import { getServer } from 'tribind'

getServer('mvc').bindStatusHandlerByMap({
  // A path that leads nowhere. A missing book is a 404 too, but there an HttpError has said more than could be said here,
  // and its text stays as long as a status handler writes nothing.
  404: ({ path, response, route }) => {
    if (route === undefined) response.writeJson({ error: `there is nothing at ${path}`, see: '/books' })
  },
  // A bug. What was thrown went to the log, under the id of the request; only the id goes to the client.
  500: ({ id, response }) => {
    response.writeJson({ error: 'something broke, and was logged', id })
  },
})
