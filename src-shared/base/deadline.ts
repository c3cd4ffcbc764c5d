/** Resolves with `late` when `work` is not done in time; what becomes of it then is passed to `afterwards`. */
export async function within<Value, Late>(about: {
  work: Promise<Value>;
  milliseconds: number;
  late: Late;
  afterwards?: (value: Value) => void;
}): Promise<Value | Late> {
  const { promise, resolve } = Promise.withResolvers<Late>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    resolve(about.late);
  }, about.milliseconds);
  const watched = about.work.then((value) => {
    if (isLate) about.afterwards?.(value);
    return value;
  });
  // When it is late nobody waits for its failure any more.
  watched.catch(() => undefined);
  try {
    return await Promise.race([watched, promise]);
  } finally {
    clearTimeout(timer);
  }
}
