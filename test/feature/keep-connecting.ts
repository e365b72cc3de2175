import { sendToPort } from './both-ways.ts'

/** Connects and asks again and again, one connection for each request, until told to end; tells each failure. */
export function keepConnecting(port: number) {
  const state = { isOver: false }
  let answers = 0
  const failures: string[] = []
  const run = async () => {
    while (!state.isOver) {
      try {
        const { status } = await sendToPort(port)('/')
        if (status === 200) answers++
        else failures.push(String(status))
      } catch (error) {
        failures.push(String((error as NodeJS.ErrnoException).code))
      }
    }
  }
  const running = Promise.all([run(), run(), run()])
  return {
    answered: () => answers,
    end: async () => {
      state.isOver = true
      await running
      return failures
    },
  }
}
