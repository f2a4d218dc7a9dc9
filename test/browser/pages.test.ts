import { mkdirSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
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

let stack: LocalStack
let browser: Browser
let page: Page
const failures: string[] = []

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  stack = await startTestStack()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
  page = await browser.newPage()
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith(stack.url) && !request.url().startsWith('data:'))
      failures.push(request.url())
  })
})
afterAll(async () => {
  await browser?.close()
  await stack?.close()
})

/** Takes a screenshot in each size, in light and in dark. */
async function takeScreenshots(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const { name: size, width, height } of SIZES) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${size}-${colorScheme}.png`, fullPage: true })
    }
}

const operation = (id: string) => page.locator(`#operations-apps-${id}`)

describe('the home page of the local server', () => {
  it('shows the routes, a request to copy, and links to the documentation', async () => {
    await page.goto(stack.url)
    expect(await page.title()).toBe('soketi-app-lookup')
    expect(await page.getByText('GET').count()).toBeGreaterThan(1)
    expect(await page.textContent('pre')).toContain(`${stack.url}/apps/demo`)
    expect(await page.content()).not.toContain('sal_')
    await takeScreenshots('home')
    await page.getByRole('link', { name: 'Try the API' }).click()
    await page.getByText('The app with this id').waitFor()
    expect(failures).toEqual([])
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
  it('keeps the token only while the tab is open', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(`${stack.url}/docs/`)
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByRole('textbox', { name: /auth-bearer/ }).fill(TOKENS.full)
    await page.locator('.auth-btn-wrapper .authorize').click()
    await page.locator('.auth-btn-wrapper .btn-done').click()
    await page.reload()

    await operation('findAppById').locator('button.opblock-summary-control').click()
    await operation('findAppById').getByRole('button', { name: 'Execute' }).click()
    const response = operation('findAppById').locator('.live-responses-table')
    await response.waitFor()
    expect(await response.textContent()).toContain('"demo-secret"')
    expect(await response.textContent()).toContain('etag')
    await takeScreenshots('docs')
    await page.setViewportSize({ width: 375, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('sal_')

    await page.setViewportSize({ width: 1280, height: 900 })
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
