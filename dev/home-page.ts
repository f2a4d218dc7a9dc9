import { SAMPLES } from './sample-apps.ts'
import type { StackRoute } from './stack.ts'

/** The content of the page. */
export type HomePageOptions = {
  readonly routes: readonly StackRoute[]
  /** A description of the table. */
  readonly description: string
  /** The URL of the embedded DynamoDB with the sample apps, if it is in use. */
  readonly embedded: string | undefined
}

/**
 * The page at `/`: what to try, the routes, and the apps of the embedded table. The page does not contain the token; its
 * script gets it. `origin` is the URL in the browser.
 */
export function homePage({ routes, description, embedded }: HomePageOptions, origin: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>soketi-app-lookup</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<main>
<header>
<h1>soketi-app-lookup</h1>
<p>Finds soketi's apps by id and by key. This is the lookup on your machine, with the routes, the authorizer and the
functions of <code>template.yaml</code>. It is a development tool, not for production.</p>
<nav><a class="button" href="/docs/">Try the API</a> <a href="/openapi.yaml">openapi.yaml</a>
<a href="/adapter/register.cjs" download>Adapter for soketi</a></nav>
</header>
${embedded === undefined ? lookUp(origin) : lookUpAndChange(origin, embedded)}
<section>
<h2>Routes</h2>
<p>Every request needs the token that <code>npm start</code> prints.</p>
<table class="routes">${routes.map(({ method, path, functionName }) => row([`<b>${method}</b>`, code(path), functionName])).join('')}</table>
</section>
<section>
<h2>DynamoDB</h2>
<p>${escapeHtml(description)}</p>
${embedded === undefined ? '' : sampleTable()}
</section>
</main>
</html>
`
}

function lookUp(origin: string): string {
  return `<section>
<h2>Look up an app</h2>
<p>With the token that <code>npm start</code> prints, and the id of an app:</p>
${command('Look up an app', curl(origin, 'TOKEN', 'APP-ID'))}
</section>`
}

function lookUpAndChange(origin: string, embedded: string): string {
  return `<section>
<h2>Look up an app</h2>
<p>Paste this into a terminal:</p>
${command('Look up an app', curl(origin, '<span class="token">TOKEN</span>', 'demo'))}
</section>
<section>
<h2>Change an app</h2>
<p>Run this in the folder of the project, then look up the app again. The function reads it from its cache for up to 10 s.</p>
${command('Change an app', escapeHtml(`npx soketi-apps disable demo --endpoint ${embedded}`))}
</section>
<script type="module" src="/home-page.js"></script>`
}

const curl = (origin: string, token: string, id: string) =>
  `curl -H 'Authorization: Bearer ${token}' \\\n  '${escapeHtml(origin)}/apps/${id}'`

// Can be scrolled with the keyboard where it is wider than the screen.
const command = (name: string, html: string) =>
  `<pre tabindex="0" role="region" aria-label="${name}">${html}</pre>`

function sampleTable(): string {
  const rows = SAMPLES.map(({ shows, item: { AppId, AppKey } }) =>
    row([code(AppId?.S ?? ''), AppKey?.S ? code(shorten(AppKey.S)) : '', escapeHtml(shows)]),
  )
  return `<table class="samples"><thead>${row(['id', 'key', 'example of'], 'th')}</thead><tbody>${rows.join('')}</tbody></table>`
}

const row = (cells: readonly string[], tag = 'td') =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
const code = (text: string) => `<code>${escapeHtml(text)}</code>`
const shorten = (text: string) =>
  text.length > 40 ? `${text.slice(0, 12)}… (${text.length} characters)` : text
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: light-dark(#0b5fb0, #7db8f5); }
body { margin: 0; color: light-dark(#1a1a1a, #eee); background: light-dark(#fff, #161616); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -.02em; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: center; }
.button { padding: .45rem .9rem; border-radius: .4rem; background: var(--accent); color: light-dark(#fff, #111); text-decoration: none; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; }
td code { white-space: nowrap; }
code, pre { font: .9em ui-monospace, monospace; overflow-wrap: break-word; }
pre { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; }
@media (max-width: 34rem) {
  .routes td:nth-child(3), .samples thead { display: none; }
  .samples tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--line); }
  .samples td { display: block; padding: 0; border: 0; }
}
`
