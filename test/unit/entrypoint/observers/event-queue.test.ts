import { expect } from 'chai'
import { EventQueue } from '../../../../lib/entrypoint/observers/event-queue.ts'

const head = { kind: 'service', service: 'web', time: 0 } as const
const stats = {
  totalConns: 1,
  currentConns: 0,
  totalErrs: 0,
  inputBytes: 2,
  outputBytes: 3,
  totalRequests: 1,
  currentRequests: 0,
}

function fill(queue: EventQueue, count: number): void {
  for (let i = 0; i < count; i++)
    queue.add({ ...head, id: `${queue.lastSeq + 1}`, type: 'status', status: { state: 'ready', msg: '' } })
}

const addStats = (queue: EventQueue) => queue.add({ ...head, id: `${queue.lastSeq + 1}`, type: 'stats', stats })
const numbers = (queue: EventQueue) => queue.list().map(({ seq }) => seq)
const gaps = (queue: EventQueue) => queue.list().flatMap(({ seq, dropped }) => (dropped ? [[seq, dropped]] : []))

describe('EventQueue', () => {
  it('numbers events one by one from the first', () => {
    const queue = new EventQueue(7)
    fill(queue, 3)
    expect(numbers(queue)).to.deep.equal([8, 9, 10])
    expect(queue.list().every((event) => !('dropped' in event))).to.equal(true)
  })

  it('drops the oldest of more than 1,000 and counts them in the event that follows', () => {
    const queue = new EventQueue(0)
    fill(queue, 1003)
    expect(queue.length).to.equal(1000)
    expect(gaps(queue)).to.deep.equal([[4, 3]])
    expect(queue.dropped).to.equal(3)
  })

  it('passes the count on if the event that has it is dropped too', () => {
    const queue = new EventQueue(0)
    fill(queue, 1003)
    queue.list()
    fill(queue, 2)
    expect(gaps(queue)).to.deep.equal([[6, 5]])
  })

  it('counts from the last accepted event, and in all', () => {
    const queue = new EventQueue(0)
    fill(queue, 1003)
    queue.accept(queue.list())
    expect([queue.length, queue.dropped]).to.deep.equal([0, 3])
    fill(queue, 1)
    expect(gaps(queue)).to.deep.equal([])
    fill(queue, 1001)
    expect(gaps(queue)).to.deep.equal([[1006, 2]])
    expect(queue.dropped).to.equal(5)
  })

  it('keeps what came since the events that are accepted', () => {
    const queue = new EventQueue(0)
    fill(queue, 2)
    const sent = queue.list()
    fill(queue, 2)
    queue.accept(sent)
    expect(numbers(queue)).to.deep.equal([3, 4])
  })

  it('counts no event as dropped that was under way and then accepted', () => {
    const queue = new EventQueue(0)
    fill(queue, 1000)
    const sent = queue.list()
    fill(queue, 5)
    queue.accept(sent)
    expect(numbers(queue)).to.deep.equal([1001, 1002, 1003, 1004, 1005])
    expect(gaps(queue)).to.deep.equal([])
    expect(queue.dropped).to.equal(0)
  })

  it('counts those that were dropped after all that was under way', () => {
    const queue = new EventQueue(0)
    fill(queue, 10)
    const sent = queue.list()
    fill(queue, 1000)
    fill(queue, 4)
    queue.accept(sent)
    expect(gaps(queue)).to.deep.equal([[15, 4]])
    expect(queue.dropped).to.equal(4)
  })

  it('drops no statistics, which have half of its room', () => {
    const queue = new EventQueue(0)
    fill(queue, 1)
    while (queue.hasRoomForStats) addStats(queue)
    expect(queue.length).to.equal(500)
    fill(queue, 503)
    expect(gaps(queue)).to.deep.equal([
      [2, 1],
      [503, 2],
    ])
    expect(queue.list().filter(({ type }) => type === 'stats')).to.have.length(499)
  })
})
