import type { Answer, Ask, Send } from '../feature/both-ways.ts'

/** Sends requests with the cookies that the answers before have set. */
export interface Browse {
  (ask: Ask | `/${string}`): Promise<Answer>
  /** The field that it sends. */
  cookies(): string
}

export function browse(send: Send): Browse {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const browser = async (ask: Ask | string) => {
    const asked = typeof ask === 'string' ? { url: ask } : ask
    const cookie = cookies()
    const answer = await send({ ...asked, headers: { ...asked.headers, ...(cookie && { cookie }) } })
    for (const line of answer.headerAll('set-cookie')) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name as string)
      else jar.set(name as string, value as string)
    }
    return answer
  }
  return Object.assign(browser, { cookies })
}
