import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { findOwnDynamoDB } from '../../dev/own-dynamodb.ts'
import { get } from '../contract/row.ts'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { startTestStack } from '../support/test-stack.ts'

// Screenshots, for people to look at.
const SCREENSHOTS = 'dist/pages'
const SIZES = [
  { name: 'phone', width: 375, height: 800 },
  { name: 'desktop', width: 1280, height: 900 },
] as const

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules that Swagger UI 5.35 breaks by itself, in each color scheme and size. */
const BROKEN_BY_SWAGGER_UI = [
  'color-contrast',
  'heading-order',
  'nested-interactive',
  'region',
  'select-name',
]

let stack: LocalStack
/** A stack for a DynamoDB of one's own, which is that of the other. */
let ownStack: LocalStack
let browser: Browser
let page: Page
const failures: string[] = []

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  stack = await startTestStack({ token: TOKENS.full })
  const endpoint = stack.dynamodb?.endpoint ?? ''
  ownStack = await startTestStack({ own: await findOwnDynamoDB({ endpoint }), token: TOKENS.full })
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
  page = await browser.newPage()
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== new URL(page.url()).origin && !request.isNavigationRequest() && protocol !== 'data:')
      failures.push(request.url())
  })
})
afterAll(async () => {
  await browser?.close()
  await ownStack?.close()
  await stack?.close()
})

/** Takes a screenshot in each size, in light and in dark. Returns the accessibility rules that the page breaks. */
async function lookAtPage(name: string): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const broken = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const)
    for (const { name: size, width, height } of SIZES) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${size}-${colorScheme}.png`, fullPage: true })
      const { violations } = await page.evaluate<AxeResults>('axe.run()')
      for (const { id } of violations) broken.add(id)
    }
  return [...broken].sort()
}

const operation = (id: string) => page.locator(`#operations-apps-${id}`)

/** Sends the example request of an operation. */
async function execute(id: string) {
  await operation(id).locator('button.opblock-summary-control').click()
  await operation(id).getByRole('button', { name: 'Execute' }).click()
  const response = operation(id).locator('.live-responses-table')
  await response.waitFor()
  return response
}

describe('the home page of the local server', () => {
  it('has a command that can be pasted and run, and is accessible', async () => {
    await page.goto(stack.url)
    expect(await page.title()).toBe('soketi-app-lookup')
    await page.getByText(TOKENS.full).waitFor()
    const command = await page.getByRole('region', { name: 'Look up an app' }).innerText()
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --silent`])
    expect(JSON.parse(stdout)).toMatchObject({ app: { id: 'demo' } })
    expect(await lookAtPage('home')).toEqual([])
    await page.getByRole('link', { name: 'Try the API' }).click()
    await page.getByText('The app with this id').waitFor()
    expect(failures).toEqual([])
  })

  it('can be scrolled with the keyboard where a command is wider than a phone', async () => {
    await page.setViewportSize({ width: 375, height: 800 })
    await page.goto(stack.url)
    const command = page.getByRole('region', { name: 'Change an app' })
    await page.getByRole('region', { name: 'Look up an app' }).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    await vi.waitFor(async () => expect(await command.evaluate((pre) => pre.scrollLeft)).toBeGreaterThan(0))
  })

  it("has no token of a table of one's own", async () => {
    await page.goto(ownStack.url)
    expect(await page.locator('pre').innerText()).toMatch(/Bearer TOKEN'[\s\S]*\/apps\/APP-ID/)
    expect(await page.locator('.samples').count()).toBe(0)
  })

  it('fits a phone without scrolling sideways and without breaking an id', async () => {
    await page.setViewportSize({ width: 375, height: 800 })
    await page.goto(stack.url)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
    const lines = await page
      .locator('.samples td:first-child code')
      .evaluateAll((ids) => ids.map((id) => id.getClientRects().length))
    expect(Math.max(...lines)).toBe(1)
  })
})

describe("the API's documentation", () => {
  it('is authorized on the embedded DynamoDB', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(`${stack.url}/docs/`)
    const response = await execute('findAppById')
    expect(await response.textContent()).toContain('"demo-secret"')
    expect(await response.textContent()).toContain('etag')
    expect(await lookAtPage('docs')).toEqual(BROKEN_BY_SWAGGER_UI)
    await page.setViewportSize({ width: 375, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
    expect(failures).toEqual([])
  })

  it("keeps the token of a table of one's own only while the tab is open", async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(`${ownStack.url}/docs/`)
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByRole('textbox', { name: /auth-bearer/ }).fill(TOKENS.full)
    await page.locator('.auth-btn-wrapper .authorize').click()
    await page.locator('.auth-btn-wrapper .btn-done').click()
    await page.reload()
    expect(await (await execute('findAppById')).textContent()).toContain('"demo-secret"')
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('sal_')

    await page.locator('.scheme-container .authorize').click()
    await page.locator('.auth-btn-wrapper').getByText('Logout').click()
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('sal_')
    expect(failures).toEqual([])
  })

  it("follows the browser's color scheme", async () => {
    for (const [colorScheme, isDark] of [
      ['dark', true],
      ['light', false],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await vi.waitFor(async () =>
        expect(await page.evaluate("document.documentElement.classList.contains('dark-mode')")).toBe(isDark),
      )
    }
  })

  it('shows the actual response body for an unknown app, for each route', async () => {
    await page.goto(`${stack.url}/docs/`)
    for (const [id, path] of [
      ['findAppById', '/apps/nope'],
      ['findAppByKey', '/apps/by-key/nope'],
    ] as const) {
      await operation(id).locator('button.opblock-summary-control').click()
      const example = operation(id).locator('tr.response[data-code="404"] .example').first()
      const { body } = await send(stack.url, {
        ...get(path),
        headers: { authorization: `Bearer ${TOKENS.full}` },
      })
      expect(JSON.parse((await example.textContent()) ?? '')).toEqual({
        ...JSON.parse(body),
        requestId: expect.any(String),
      })
    }
  })
})

describe('the token of the local server', () => {
  it('is not for a page of another site', async () => {
    // A page without a policy of its own for its requests.
    await page.goto(`${ownStack.url}/token`)
    const post = (options: string) =>
      page.evaluate(
        `fetch('${stack.url}/token', { method: 'POST', ${options} }).then((response) => response.text())`,
      )
    await expect(post('')).rejects.toThrow('Failed to fetch')
    await expect(post("headers: { 'content-type': 'application/json' }")).rejects.toThrow('Failed to fetch')
    const response = page.waitForResponse(`${stack.url}/token`)
    expect(await post("mode: 'no-cors'")).toBe('')
    expect((await response).status()).toBe(403)
  })
})
