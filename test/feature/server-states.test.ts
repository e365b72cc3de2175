import { expect } from 'chai'
import { inTime } from './both-ways.ts'
import { places, type Place, WatchedServer } from './server-places.ts'

// In each place the calls are made at once and, at the end, the server is stopped from outside.
// `gives`: what each call ends in; `run()`: what the one that brought the server there ended in.
// `hooks`: the hooks that ran, and where in their order run() had its end.
const table = `
place            | call        | gives       | run()  | states                          | hooks
created          | start       | ok          |        | created preparing ready stopped | up-1 up-2 down-1 down-2
created          | stop        | ok          |        | created stopped                 |
created          | run         | ok          |        | created preparing ready stopped | up-1 up-2 down-1 down-2
created          | start twice | ok STATE    |        | created preparing ready stopped | up-1 up-2 down-1 down-2
created          | stop twice  | ok ok       |        | created stopped                 |
preparing        | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
preparing        | stop        | ok          | ok     | created preparing stopped       | down-1 down-2 run
preparing        | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
preparing        | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
preparing        | stop twice  | ok ok       | ok     | created preparing stopped       | down-1 down-2 run
startup hook     | start       | STATE       | ok     | created preparing ready stopped | up-1 down-1 down-2 run
startup hook     | stop        | ok          | ok     | created preparing ready stopped | up-1 down-1 down-2 run
startup hook     | run         | STATE       | ok     | created preparing ready stopped | up-1 down-1 down-2 run
startup hook     | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 down-1 down-2 run
startup hook     | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 down-1 down-2 run
ready            | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
ready            | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
ready            | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
ready            | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
ready            | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler          | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler          | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler          | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler          | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler          | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler, awaited | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler, awaited | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler, awaited | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler, awaited | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
handler, awaited | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
shutdown hook    | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
shutdown hook    | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
shutdown hook    | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
shutdown hook    | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
shutdown hook    | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopping         | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopping         | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopping         | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopping         | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopping         | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopped          | start       | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopped          | stop        | ok          | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopped          | run         | STATE       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopped          | start twice | STATE STATE | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
stopped          | stop twice  | ok ok       | ok     | created preparing ready stopped | up-1 up-2 down-1 down-2 run
failed listen    | start       | STATE       | LISTEN | created preparing stopped       | run
failed listen    | stop        | ok          | LISTEN | created preparing stopped       | run
failed listen    | run         | STATE       | LISTEN | created preparing stopped       | run
failed listen    | start twice | STATE STATE | LISTEN | created preparing stopped       | run
failed listen    | stop twice  | ok ok       | LISTEN | created preparing stopped       | run
`

const rows = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string, string, string, string, string])

type Call = 'start' | 'stop' | 'run'

function outcome(promise: Promise<void>): Promise<string> {
  const ended = promise.then(
    () => 'ok',
    (error: { code: string }) => error.code.replace('ERR_TRIBIND_', ''),
  )
  return inTime(ended, 'it has ended', 4000)
}

describe('server: every call in every place of its life', () => {
  for (const [place, call, gives, run, states, hooks] of rows) {
    it(`${place}: ${call}`, async () => {
      const server = new WatchedServer()
      const [method, twice] = call.split(' ') as [Call, 'twice'?]
      const outcomes: string[] = []
      const act = async () => {
        const calls = twice ? [server[method](), server[method]()] : [server[method]()]
        outcomes.push(...(await Promise.all(calls.map(outcome))))
      }
      const { acting, firstRun } = await (places[place] as Place)(server, act)
      const ran = firstRun && outcome(firstRun).finally(() => server.journal.push('run'))
      await inTime(server.stop(), 'it has stopped', 4000)
      await acting
      expect({ gives: outcomes.join(' '), run: (await ran) ?? '' }).to.deep.equal({ gives, run })
      expect(server.states.join(' ')).to.equal(states)
      expect(server.journal.join(' ')).to.equal(hooks)
    })
  }
})
