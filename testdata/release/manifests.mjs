// Holds the Kubernetes manifests of a folder to the schemas of their kinds. Argument: the folder.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as yaml from "js-yaml";

const [dir] = process.argv.slice(2);
const { resources } = yaml.load(readFileSync(join(dir, "kustomization.yaml"), "utf8"));
for (const file of readdirSync(dir)) {
  if (!["kustomization.yaml", "policy.yaml", ...resources].includes(file)) throw new Error(`${file} is in no kustomization`);
}
for (const file of resources) {
  const manifest = yaml.load(readFileSync(join(dir, file), "utf8"));
  const kinds = await import(`kubernetes-models/${manifest.apiVersion}`);
  new kinds[manifest.kind](manifest).validate();
  console.log(`ok    ${file}: ${manifest.apiVersion} ${manifest.kind}`);
}
