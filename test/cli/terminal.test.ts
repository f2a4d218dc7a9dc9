import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createInterrupt } from '../../cli/terminal/terminal.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('Ctrl-C stops the command, and the copy of the signal that npm forwards is ignored', () => {
  const exit = vi.fn()
  const { stopped, onSignal } = createInterrupt(exit)
  expect(stopped.aborted).toBe(false)
  onSignal()
  vi.advanceTimersByTime(400)
  onSignal()
  expect(stopped.aborted).toBe(true)
  expect(exit).not.toHaveBeenCalled()
})

it('a second Ctrl-C exits the process', () => {
  const exit = vi.fn()
  const { onSignal } = createInterrupt(exit)
  onSignal()
  vi.advanceTimersByTime(600)
  onSignal()
  expect(exit).toHaveBeenCalledOnce()
})
