// Clients of HTTP/2 that do as they shouldn't. What the server must not do to any of them is thrown.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { END_HEADERS, END_STREAM, fields, frame, kept, request, types } from '../http2-frames.mjs'
import { limits } from './contract.mjs'
import { RawSession } from './raw-session.mjs'

/** As many as may be open at once. */
const STREAMS = 100

/** SETTINGS_INITIAL_WINDOW_SIZE 0: no body is taken. */
const noWindow = Buffer.from([0, 4, 0, 0, 0, 0])
const cancel = Buffer.from([0, 0, 0, 8])
const paths = ['/flood', '/static/page.txt', '/events/stalled', '/stream/stalled?parts=50', '/slow/stalled']

/** What no client may send. */
const violations = [
  frame(types.headers, END_HEADERS + END_STREAM, 2, fields('/text/a')),
  frame(types.window, 0, 0, Buffer.alloc(4)),
  frame(types.settings, 0, 0, Buffer.alloc(5)),
  frame(types.data, 0, 7, Buffer.alloc(5)),
  Buffer.alloc(1000, 0xff),
]

const streams = (count) => Array.from({ length: count }, (_, i) => 2 * i + 1)

/** Each takes the port of the server and a function that gives random numbers. */
export const hostileHttp2 = {
  /** A field of 3.8 kB, named by one byte 900 times in each request: that must be held to `maxHeaderSize`. */
  async sendsHeaderBombs(port) {
    const session = await RawSession.open(port)
    const whole = END_HEADERS + END_STREAM
    await session.write(frame(types.headers, whole, 1, Buffer.concat([fields('/text/a'), kept('x', 'y'.repeat(3800))])))
    const bomb = Buffer.concat([fields('/text/a'), Buffer.alloc(900, 0xbe)])
    await session.write(...streams(3).map((id) => frame(types.headers, whole, id + 2, bomb)))
    await Promise.race([session.ended, sleep(1000)])
    const answered = session.frames.filter(({ type, stream }) => type === types.headers && stream > 1)
    session.leave()
    assert.equal(answered.length, 0, 'a header bomb was answered')
  },

  async cancelsAtOnce(port, random) {
    const session = await RawSession.open(port)
    const isSlow = random() < 0.5
    for (const id of streams(200)) {
      await session.write(request(id, '/slow/cancelled'), frame(types.reset, 0, id, cancel))
      if (isSlow) await sleep(5)
      if (!session.isOpen) break
    }
    session.leave()
  },

  async takesNoAnswers(port, random) {
    const session = await RawSession.open(port, noWindow)
    const path = paths[Math.floor(random() * paths.length)]
    await session.write(...streams(STREAMS).map((id) => request(id, path)))
    const until = performance.now() + random() * 2 * limits.timeout
    while (session.isOpen && performance.now() < until) {
      await session.write(frame(types.ping, 0, 0, Buffer.alloc(8)))
      await sleep(200)
    }
    session.leave()
  },

  async leavesItsStreams(port, random) {
    const session = await RawSession.open(port)
    await session.write(...streams(STREAMS).map((id) => request(id, paths[id % paths.length])))
    await sleep(random() * 50)
    session.leave()
  },

  async floodsWithSettings(port, random) {
    const session = await RawSession.open(port)
    session.stopReading()
    const many = Buffer.concat(Array.from({ length: 1000 }, () => frame(types.settings, 0, 0)))
    for (let i = 0; i < 50 && session.isOpen; i++) await session.write(many)
    await Promise.race([session.ended, sleep(random() * limits.timeout)])
    session.leave()
  },

  async floodsWithContinuations(port) {
    const session = await RawSession.open(port)
    await session.write(frame(types.headers, END_STREAM, 1, fields('/text/a')))
    const more = frame(types.continuation, 0, 1, kept('x', 'y'.repeat(1000)))
    for (let i = 0; i < 1000 && session.isOpen; i++) await session.write(more)
    session.leave()
  },

  async breaksTheProtocol(port, random) {
    const session = await RawSession.open(port)
    await session.write(request(1, '/slow/a'), violations[Math.floor(random() * violations.length)])
    await Promise.race([session.ended, sleep(random() * 1000)])
    session.leave()
  },
}
