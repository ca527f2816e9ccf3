/** The oldest server this extension works with. */
export const MINIMUM = "0.1.0";

/** What is wrong with the output of `--version`; undefined if the version is supported. */
export function complaint(shown: string, answer: string): string | undefined {
  const version = /^upsun-lint (\d+\.\d+\.\d+\S*)/m.exec(answer)?.[1];
  if (version === undefined) {
    const line = answer.trim().split("\n", 1)[0] ?? "";
    const said = line === "" ? "says nothing" : `says “${line.length > 80 ? `${line.slice(0, 80)}…` : line}”`;
    return `\`${shown}\` is not upsun-lint: asked for its version, it ${said}.`;
  }
  if (isOlder(version, MINIMUM)) {
    return `\`${shown}\` is upsun-lint ${version}, and this extension needs ${MINIMUM} or later.`;
  }
  return undefined;
}

/** Whether a version is older than another; a pre-release is older than its release. */
export function isOlder(version: string, other: string): boolean {
  const [left, right] = [parts(version), parts(other)];
  for (let index = 0; index < 3; index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return left.isPreliminary && !right.isPreliminary;
}

function parts(version: string): { numbers: number[]; isPreliminary: boolean } {
  const [, release = "", rest = ""] = /^(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? [];
  return { numbers: release.split(".").map(Number), isPreliminary: /^[-.]?(?:a|b|rc|dev|alpha|beta)/.test(rest) };
}
