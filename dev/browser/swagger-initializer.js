// Starts Swagger UI with openapi.yaml. Runs in the browser.

const TOKEN = 'soketi-app-lookup.token'
// As openapi.yaml names the security scheme.
const SCHEME = 'token'

// Swagger UI can keep the token in localStorage only, where it would stay after the tab is closed.
const keepTokenForSession = {
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (authorize) => (payload) => {
          sessionStorage.setItem(TOKEN, payload[SCHEME].value)
          return authorize(payload)
        },
        logout: (logout) => (payload) => {
          sessionStorage.removeItem(TOKEN)
          return logout(payload)
        },
      },
    },
  },
}

// Swagger UI shows the media type of the 200 for every response. Errors are problem documents first.
const PROBLEM = 'application/problem+json'
const showProblems = {
  wrapComponents: {
    response:
      (Response, { React }) =>
      (props) => {
        const isProblem = props.response.hasIn(['content', PROBLEM])
        return React.createElement(Response, isProblem ? { ...props, contentType: PROBLEM } : props)
      },
  },
}

const darkMode = matchMedia('(prefers-color-scheme: dark)')
const applyColorScheme = () => document.documentElement.classList.toggle('dark-mode', darkMode.matches)
applyColorScheme()
darkMode.addEventListener('change', applyColorScheme)

window.addEventListener('load', async () => {
  document.title = 'soketi-app-lookup: the API'
  // None for a table of your own.
  const { token: given } = await (await fetch('/token', { method: 'POST' })).json()
  const ui = window.SwaggerUIBundle({
    url: '/openapi.yaml',
    dom_id: '#swagger-ui',
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    validatorUrl: null,
    plugins: given ? [showProblems] : [keepTokenForSession, showProblems],
    onComplete() {
      const token = given ?? sessionStorage.getItem(TOKEN)
      if (token) ui.preauthorizeApiKey(SCHEME, token)
    },
  })
})
