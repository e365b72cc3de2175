// A chat with rooms, over WebSockets.
//
//   open http://127.0.0.1:8199/?room=kitchen&name=Ann in a browser, and ?room=kitchen&name=Bob in another
import { Server, type WebSocket } from 'tribind'

interface Message {
  from?: string
  text: string
}

export function build(): Server {
  const rooms = new Map<string, Set<WebSocket>>()
  const say = (room: string, message: Message): void => {
    for (const member of rooms.get(room) ?? []) member.send(JSON.stringify(message))
  }

  const server = new Server()
  server.serveStatic('/', new URL('public', import.meta.url))
  server.bindWebSocket(
    '/chat/:room',
    (socket, request) => {
      const { room } = request.params
      const name = request.getQuery('name', '').slice(0, 40) || 'somebody'
      const members = rooms.get(room) ?? new Set()
      rooms.set(room, members.add(socket))
      say(room, { text: `${name} came in` })

      socket.on('message', (data) => say(room, { from: name, text: String(data) }))
      socket.on('close', () => {
        members.delete(socket)
        if (members.size === 0) rooms.delete(room)
        say(room, { text: `${name} left` })
      })
    },
    { maxPayload: 4096 },
  )
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/?room=kitchen&name=Ann`))
  server.registerSignalHook()
  await server.run()
}
