// Methods of one object, bound to different domains.
//
//   curl http://127.0.0.1:8199/object/show1
//   curl http://localhost:8199/object/show1
//   curl http://localhost:8199/object/show4
//   curl -i http://127.0.0.1:8199/object/show4    # 404: bound to localhost only
import { Server } from 'tribind'

class Shows {
  show1(): string {
    return 'show 1'
  }

  show2(): string {
    return 'show 2'
  }

  show3(): string {
    return 'show 3'
  }

  show4(): string {
    return 'show 4'
  }
}

export function build(): Server {
  const server = new Server()
  const shows = new Shows()
  server.domain('localhost, 127.0.0.1').bindObjectMethod('/object', shows, 'show1, show2, show3')
  server.domain('localhost').bindObjectMethod('/object', shows, 'show4')
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/object/show1`))
  server.registerSignalHook()
  await server.run()
}
