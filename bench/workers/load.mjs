// Sends requests over kept connections for some seconds, and prints how many were answered per second.
import { Agent, get } from 'node:http'

const [port, seconds, connections] = process.argv.slice(2).map(Number)
const agent = new Agent({ keepAlive: true, maxSockets: connections })
let answered = 0
let isOver = false

const send = () =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/', agent }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    )
  })
const run = async () => {
  while (!isOver) {
    await send()
    answered++
  }
}
const clients = Array.from({ length: connections }, run)
// The first second is not counted.
await new Promise((resolve) => setTimeout(resolve, 1000))
const before = answered
const startedAt = performance.now()
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
console.log(Math.round((answered - before) / ((performance.now() - startedAt) / 1000)))
isOver = true
await Promise.all(clients)
agent.destroy()
