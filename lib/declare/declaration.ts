import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/** Any Standard Schema; what is known of its JSON Schema is read from it where it has one. */
export type AnySchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> & {
  readonly '~standard': Partial<Pick<StandardJSONSchemaV1.Props, 'jsonSchema'>>
}

/** A response of an endpoint: its body, or what is told of it. */
export type DeclaredResponse =
  AnySchema | { readonly description?: string; readonly body?: AnySchema; readonly headers?: AnySchema }

/** What an endpoint takes and returns. */
export interface DeclarationParts {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly operationId?: string
  readonly deprecated?: boolean
  readonly hidden?: boolean
  /** Names of security schemes: any one of them is needed. */
  readonly security?: readonly string[]
  readonly params?: AnySchema
  readonly query?: AnySchema
  readonly headers?: AnySchema
  readonly cookies?: AnySchema
  readonly body?: AnySchema | { readonly type: string; readonly schema: AnySchema }
  readonly responses?: Readonly<Record<number, DeclaredResponse>>
}

/** What an endpoint takes and returns, declared once. */
export class Declaration<Parts extends DeclarationParts = DeclarationParts> {
  readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }
}

const declared = new WeakMap<object, Declaration>()

/** Returns the declaration of a handler, or of a method of a class or object. */
export function declarationOf(subject: object, method?: string): Declaration | undefined {
  return method === undefined ? declared.get(subject) : undefined
}
