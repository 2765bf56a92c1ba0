// A SCIM service made of scimmy and scimmy-routers, in memory: what of it is ours is the map that it keeps things in.
// node server.mjs PORT TOKEN

import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);

function keep(Resource, unique) {
    const all = new Map();
    const shown = (resource) => structuredClone(resource);
    SCIMMY.Resources.declare(Resource, {
        egress: (resource) => {
            if (resource.id) {
                if (!all.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `there is no ${resource.id}`);
                return shown(all.get(resource.id));
            }
            const found = [...all.values()].map(shown);
            return resource.filter ? resource.filter.match(found) : found;
        },
        ingress: (resource, data) => {
            const id = resource.id ?? randomUUID();
            const before = all.get(id);
            if (resource.id && !before) throw new SCIMMY.Types.Error(404, null, `there is no ${id}`);
            const kept = JSON.parse(JSON.stringify(data));
            const same = (other) => other.id !== id && other[unique]?.toLowerCase() === kept[unique]?.toLowerCase();
            if ([...all.values()].some(same)) throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
            const now = new Date().toISOString();
            const meta = { created: before?.meta?.created ?? now, lastModified: now };
            all.set(id, { ...kept, id, meta });
            return shown(all.get(id));
        },
        degress: (resource) => {
            if (!all.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `there is no ${resource.id}`);
        },
    });
}

SCIMMY.Schemas.User.extend(SCIMMY.Schemas.EnterpriseUser);
keep(SCIMMY.Resources.User, "userName");
keep(SCIMMY.Resources.Group, "displayName");

const app = express();
app.use("/scim", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("the bearer token is missing or wrong");
        return "engine";
    },
}));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
