// What is in a cluster's Secrets is nowhere else: not in the journal, the operator's log, Events or
// any other object. Looks at all that the tests before it have left behind.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

// Passwords, verifiers, URIs and private keys of all clusters: as Secrets hold them, and decoded
// line by line, without what every key begins with.
std::string canaries() {
  return must(
      "set -o pipefail; $KUBECTL -n postgres-operator get secrets -l "
      "postgres-operator.crunchydata.com/cluster -o json | jq -r '.items[].data // {} | "
      "to_entries[] | select(.key | test(\"password|verifier|uri|key\")) | .value, (.value | "
      "@base64d)' | grep -v -e '-----' | awk 'length >= 12' | sort -u");
}

TEST(Canary, IsInSecretsAlone) {
  const std::string file = "/tmp/annals-e2e-canaries";
  const std::string values = canaries();
  ASSERT_GT(values.size(), 1000U);
  must("cat > " + file + " <<'VALUES'\n" + values + "\nVALUES");
  const std::string ours = "$KUBECTL -n postgres-operator ";
  EXPECT_EQ(run(ours + "get secrets -o yaml | grep -acFf " + file).status, 0) << "nothing is found";
  for (const char* told :
       {"exec deploy/annals -- annals-replay records", "logs deploy/annals --tail=-1",
        "get events,postgresclusters,configmaps,jobs,pods -o yaml"}) {
    const Output said = run(ours + told + " | tee /tmp/annals-e2e-told | wc -c");
    EXPECT_GT(std::stol(said.out), 1000) << told << " says nothing: " << said.err;
    EXPECT_EQ(run("grep -aFf " + file + " /tmp/annals-e2e-told | head -c 300").out, "") << told;
  }
  must("rm " + file + " /tmp/annals-e2e-told");
}

}  // namespace
}  // namespace annals::e2e
