// js-ipfs 0.66 pulls in code written for Node 22; Node 20 lacks this one function.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}
