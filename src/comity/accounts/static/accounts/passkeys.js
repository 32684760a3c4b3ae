// Passkeys and security keys: forms marked data-passkey="create" or "get" ask the device before they are sent.
// The options come from the element that data-options names, or else from the form's own address.
(() => {
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), sign => sign.charCodeAt(0))
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
  const known = list => (list ?? []).map(one => ({ ...one, id: bytes(one.id) }))

  async function options(form) {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent)
    const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    return answer.json()
  }

  async function create(form) {
    const asked = (await options(form)).creation_options.publicKey
    const alone = form.elements.passwordless.checked
    const made = await navigator.credentials.create({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: known(asked.excludeCredentials),
      authenticatorSelection: {
        ...asked.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone,
        ...(alone && { userVerification: "required" }),
      },
    } })
    return told(made, {
      attestationObject: text(made.response.attestationObject), transports: made.response.getTransports?.() ?? [],
    })
  }

  async function get(form) {
    const asked = (await options(form)).request_options.publicKey
    const found = await navigator.credentials.get({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials),
    } })
    const { authenticatorData, signature, userHandle } = found.response
    return told(found, {
      authenticatorData: text(authenticatorData), signature: text(signature), userHandle: userHandle && text(userHandle),
    })
  }

  const told = (key, response) => ({
    id: key.id, rawId: text(key.rawId), type: key.type, authenticatorAttachment: key.authenticatorAttachment,
    clientExtensionResults: key.getClientExtensionResults(),
    response: { clientDataJSON: text(key.response.clientDataJSON), ...response },
  })

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue
    form.hidden = false
    const trouble = form.querySelector("[data-trouble]")
    form.addEventListener("submit", async event => {
      event.preventDefault()
      trouble.hidden = true
      try {
        form.elements.credential.value = JSON.stringify(await (form.dataset.passkey === "create" ? create : get)(form))
        form.submit()
      } catch {
        trouble.hidden = false
      }
    })
  }
})()
