import { mkdirSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { TOKENS } from '../support/canary.ts'
import { startTestStack } from '../support/local-stack.ts'

// What the pages look like, to be looked at.
const PICTURES = 'dist/pages'

let stack: LocalStack
let browser: Browser
let page: Page
const failures: string[] = []

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  stack = await startTestStack()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
  page = await browser.newPage({ viewport: { width: 1100, height: 900 } })
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(stack.url) && !request.url().startsWith('data:'))
      failures.push(request.url())
  })
})
afterAll(async () => {
  await browser?.close()
  await stack?.close()
})

describe('the page of the local server', () => {
  it('says what runs, and leads on', async () => {
    await page.goto(stack.url)
    expect(await page.title()).toBe('soketi-app-lookup')
    expect(await page.getByText('GET').count()).toBeGreaterThan(1)
    expect(await page.textContent('pre')).toContain(`${stack.url}/apps/demo`)
    expect(await page.content()).not.toContain('sal_')
    await page.screenshot({ path: `${PICTURES}/home.png`, fullPage: true })
    await page.getByRole('link', { name: 'Try the API' }).click()
    await page.getByText('The app with this id').waitFor()
    expect(failures).toEqual([])
  })

  it("tries a request from the API's page", async () => {
    await page.goto(`${stack.url}/docs/`)
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByRole('textbox', { name: /auth-bearer/ }).fill(TOKENS.full)
    await page.locator('.auth-btn-wrapper .authorize').click()
    await page.locator('.auth-btn-wrapper .btn-done').click()

    const operation = page.locator('#operations-apps-findAppById')
    await operation.locator('button.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const answer = operation.locator('.live-responses-table')
    await answer.waitFor()
    expect(await answer.textContent()).toContain('"demo-secret"')
    expect(await answer.textContent()).toContain('etag')
    await page.screenshot({ path: `${PICTURES}/docs.png`, fullPage: true })
    expect(failures).toEqual([])
  })
})
