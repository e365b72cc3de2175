// A JSON API: checked input, errors as JSON, and pages of another origin that may use it.
//
//   curl -i --json '{"title":"Read"}' http://127.0.0.1:8199/tasks
//   curl -i --json '{"title":""}' http://127.0.0.1:8199/tasks          # 400, with the issues
//   curl -i -d 'title=Read' -H 'Content-Type: text/plain' http://127.0.0.1:8199/tasks   # 415
//   curl -i -X PATCH --json '{"done":true}' http://127.0.0.1:8199/tasks/1
//   curl -i 'http://127.0.0.1:8199/tasks?done=true'
//   curl -i -X DELETE http://127.0.0.1:8199/tasks/1
import morgan from 'morgan'
import { cors, fromConnect, HttpError, type Middleware, securityHeaders, Server, ValidationError } from 'tribind'
import { z } from 'zod'

interface Task {
  id: number
  title: string
  done: boolean
}

// `parse` checks the parameters of the route, the body and the query as one object.
const title = z.string().trim().min(1).max(100)
const NewTask = z.strictObject({ title })
const TaskId = z.object({ id: z.coerce.number().int() })
const TaskChange = TaskId.extend({ title: title.optional(), done: z.boolean().optional() })
const TaskFilter = z.object({ done: z.stringbool().optional() })

/** `log` gets a line for every request. */
export function build(log: { write: (line: string) => unknown } = process.stdout): Server {
  const tasks = new Map<number, Task>()
  let lastId = 0
  const find = (id: number): Task => {
    const task = tasks.get(id)
    if (task === undefined) throw new HttpError(404, `there is no task ${id}`)
    return task
  }

  const server = new Server({ maxBodySize: 16 * 1024, methodNotAllowed: true })
  // Whatever was written for Connect or Express is middleware here too.
  server.use(fromConnect(morgan('tiny', { stream: { write: (line) => void log.write(line) } })))
  server.use(securityHeaders(), cors({ origin: 'https://app.example.com' }), answerErrors)

  server.get('/tasks', async (request) => {
    const { done } = await request.parse(TaskFilter)
    return [...tasks.values()].filter((task) => done === undefined || task.done === done)
  })
  server.post('/tasks', async (request) => {
    const task = { id: ++lastId, ...(await request.parse(NewTask)), done: false }
    tasks.set(task.id, task)
    request.response.status = 201
    request.response.setHeader('Location', `/tasks/${task.id}`)
    return task
  })
  server.get('/tasks/:id', async (request) => find((await request.parse(TaskId)).id))
  server.patch('/tasks/:id', async (request) => {
    const { id, ...change } = await request.parse(TaskChange)
    return Object.assign(find(id), change)
  })
  server.delete('/tasks/:id', async (request) => {
    const { id } = find((await request.parse(TaskId)).id)
    tasks.delete(id)
    request.response.status = 204
  })
  return server
}

/** An error that is meant for the client goes out as JSON; any other is the server's business: logged, and 500. */
const answerErrors: Middleware = async ({ response }, next) => {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    response.status = error.status
    response.writeJson(
      error instanceof ValidationError
        ? { error: 'Bad Request', issues: error.issues.map(({ path, message }) => ({ path, message })) }
        : { error: error.message },
    )
  }
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/tasks`))
  server.registerSignalHook()
  await server.run()
}
