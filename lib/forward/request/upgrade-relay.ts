import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Fields, ReadChanges, RequestCore } from '../../kit.ts'
import { isOfSwitch, setAnswerFields, switchFields } from './answer-head.ts'
import type { Upgraded } from './node-exchange.ts'

/** Answers 101 as the node has, and joins both connections until one of them ends. @param over called once it is over */
export function relayUpgrade(
  core: RequestCore,
  message: IncomingMessage,
  { socket: node, head }: Upgraded,
  changes: ReadChanges,
  over: () => void,
): void {
  const { response } = core
  let isJoined = false
  setAnswerFields(core, message, changes, isOfSwitch)
  node.once('close', over)
  // Another answer was put in its place, or the client has left.
  const leave = () => {
    if (!isJoined) node.destroy()
  }
  response.raw.once('finish', leave).once('close', leave)
  response.switchProtocols((own) => {
    isJoined = true
    join(core, node, head, [...switchFields(message), ...own])
  })
}

function join({ raw, settings, served }: RequestCore, node: Socket, head: Buffer, fields: Fields): void {
  const client = raw.socket
  if (client.destroyed) return void node.destroy()
  const lines = ['HTTP/1.1 101 Switching Protocols']
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`)
  client.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (head.length > 0) client.write(head)
  client.setTimeout(0)
  const closed = settings.traffic.streams.open({
    route: served,
    end: () => client.end(),
    cut: () => client.destroy(),
  })
  const end = () => {
    closed()
    client.destroy()
    node.destroy()
  }
  client.on('error', end).once('close', end)
  node.on('error', end).once('close', end)
  client.pipe(node)
  node.pipe(client)
}
