// What the picture expects of VS Code: a place to send its messages to.
Object.assign(globalThis, {
  acquireVsCodeApi: () => ({
    postMessage: (message: unknown) => { parent.postMessage(message, location.origin); },
  }),
});
