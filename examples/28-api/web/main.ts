import { createClient, type components } from './api.ts'

type Book = components['schemas']['Book']

const client = createClient({ baseUrl: location.origin })
const list = document.querySelector('ul') as HTMLUListElement
const status = document.querySelector('[role=status]') as HTMLParagraphElement
const form = document.querySelector('form') as HTMLFormElement
const nameField = document.querySelector('input') as HTMLInputElement

form.addEventListener('submit', (event) => event.preventDefault())
await show()

async function show(): Promise<void> {
  const { data = [] } = await client.GET('/api/books')
  list.replaceChildren(...data.map(createItem))
}

function createItem(book: Book): HTMLLIElement {
  const item = document.createElement('li')
  const button = document.createElement('button')
  button.textContent = book.reader === null ? 'Borrow' : `Take back from ${book.reader}`
  button.addEventListener('click', () => void (book.reader === null ? borrow(book) : takeBack(book)))
  item.append(`${book.title}, by ${book.author} `, button)
  return item
}

async function borrow({ id }: Book): Promise<void> {
  if (!form.reportValidity()) return
  const reader = nameField.value
  const { data, error } = await client.POST('/api/books/{id}/loan', { params: { path: { id } }, body: { reader } })
  // What each status has as its body is known: of a problem, title and detail.
  status.textContent = data === undefined ? (error.detail ?? error.title) : `${data.title} is yours`
  await show()
}

async function takeBack({ id }: Book): Promise<void> {
  const { error } = await client.DELETE('/api/books/{id}/loan', { params: { path: { id } } })
  status.textContent = error === undefined ? 'Thank you' : error.title
  await show()
}
