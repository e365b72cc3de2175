import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Sends a request again and again over some connections, each of which waits for an answer before it sends the next.
 *
 * @param expected the status, and the length of the body
 */
export async function send(port, request, requests, connections, expected) {
  let left = requests
  const text = Buffer.from(request)
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay()
      await once(socket, 'connect')
      await new Promise((resolve, reject) => {
        let missing = 0
        let head = ''
        const next = () => {
          if (left-- > 0) return socket.write(text)
          socket.destroy()
          resolve()
        }
        socket.on('error', reject)
        socket.on('close', () => reject(new Error('the server has closed the connection')))
        socket.on('data', (chunk) => {
          if (missing === 0) {
            head += chunk.latin1Slice(0, chunk.length)
            const end = head.indexOf('\r\n\r\n')
            if (end < 0) return
            const [, status] = /^HTTP\/1\.1 (\d+)/.exec(head) ?? []
            if (Number(status) !== expected.status) return reject(new Error(`got ${head}`))
            missing = expected.length - (head.length - end - 4)
            head = ''
          } else missing -= chunk.length
          if (missing < 0) return reject(new Error('more came than was expected'))
          if (missing === 0) next()
        })
        next()
      })
    }),
  )
}
