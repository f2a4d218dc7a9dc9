import { HttpAppManager } from './app-manager.ts'
import type { Server } from './soketi.ts'

/** A server, or an object of one. */
type OfServer = Pick<Server, 'appManager'> & { readonly server?: Pick<Server, 'appManager'> }

type Method = (...args: never[]) => unknown

/**
 * What a wrapped call knows: the object it was made on, that server's app manager, and soketi's own method.
 */
export type Call<Self, Original extends Method> = {
  readonly self: Self
  readonly manager: HttpAppManager
  readonly proceed: (...args: Parameters<Original>) => ReturnType<Original>
}

/**
 * Puts `around` in front of a method, for servers with this adapter's app manager only; a server in the same
 * process with another driver keeps soketi's method, called as it always was.
 */
export function wrapMethod<Name extends string, Self extends OfServer & Readonly<Record<Name, Method>>>(
  prototype: Self,
  name: Name,
  around: (call: Call<Self, Self[Name]>, ...args: Parameters<Self[Name]>) => ReturnType<Self[Name]>,
): void {
  const original = prototype[name]
  function wrapped(this: Self, ...args: Parameters<Self[Name]>): ReturnType<Self[Name]> {
    const proceed = (...proceedArgs: Parameters<Self[Name]>) => Reflect.apply(original, this, proceedArgs)
    const { appManager } = this.server ?? this
    if (!(appManager instanceof HttpAppManager)) return proceed(...args)
    return around({ self: this, manager: appManager, proceed }, ...args)
  }
  Object.assign(prototype, { [name]: wrapped })
}
