// For mongosh: begins the replica set and makes the user that the platform signs in as, with no
// rights but on its own database. What is there already stays as it is.

const { MONGO_ROOT_PASSWORD, MONGO_ONOO_PASSWORD } = process.env;
const password = encodeURIComponent(MONGO_ROOT_PASSWORD);
const server = connect(`mongodb://root:${password}@mongo:27017/admin?directConnection=true`);

try {
  server.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") {
    throw error;
  }
  const members = [{ _id: 0, host: "mongo:27017" }];
  server.adminCommand({ replSetInitiate: { _id: "rs0", members } });
}

let patience = 60;
while (!server.hello().isWritablePrimary) {
  if (patience-- === 0) {
    throw new Error("the replica set has no primary after a minute");
  }
  sleep(1000);
}

const onoo = server.getSiblingDB("onoo");
const rights = { pwd: MONGO_ONOO_PASSWORD, roles: [{ role: "readWrite", db: "onoo" }] };
if (onoo.getUser("onoo")) {
  onoo.updateUser("onoo", rights);
} else {
  onoo.createUser({ user: "onoo", ...rights });
}
