import type { Answer, Send } from './both-ways.ts'

/** A client that keeps its cookies, as a browser does. */
export function createClient(send: Send, cookies = new Map<string, string>()) {
  const ask = async (line: string): Promise<Answer> => {
    const header = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const [method, url] = line.includes(' ') ? (line.split(' ') as [string, string]) : ['GET', line]
    const answer = await send({ method, url, headers: header === '' ? {} : { cookie: header } })
    for (const field of answer.headerAll('set-cookie')) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(field) as unknown as [string, string, string]
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(field)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { ask, cookies, text: async (line: string) => (await ask(line)).text }
}
