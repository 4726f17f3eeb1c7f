#include "actions/ensure_secret.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actions/apply_object.h"
#include "actions/custom_tls_authority.h"
#include "actions/secret_material.h"
#include "base/concat.h"
#include "postgres/tls/certificate.h"

namespace annals::actions {
namespace {

// Somebody else may write it in between; whoever does that again and again is told of.
constexpr int kTriesMax = 3;

// Asked of the API server only where it is not known already which one it is.
boost::asio::awaitable<Answer<postgres::Authority>> authority_for(fsm::EnsureSecret intent,
                                                                  ActionContext context) {
  const auto& recipe = std::get<manifests::CertificateSecret>(intent.recipe);
  const k8s::ObjectName name{recipe.secret.namespace_name, recipe.authority};
  if (std::optional<postgres::Authority> known =
          context.recollection.authority(name, fsm::signer_of(intent)))
    co_return *std::move(known);
  const Answer<StoredSecret> stored = co_await stored_secret(name, context);
  if (!stored) co_return k8s::refuse(stored.error());
  Result<postgres::Authority> authority = postgres::Authority::open(authority_in(stored->data));
  if (!authority) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(authority.error()));
  context.recollection.remember(name, *authority);
  co_return *std::move(authority);
}

boost::asio::awaitable<Answer<StoredSecret>> stored_config_map(k8s::ObjectName name,
                                                               ActionContext context) {
  const k8s::Resource resource = k8s::config_maps();
  Answer<std::string> object =
      co_await context.client.get(resource, std::move(name), context.place);
  if (!object && object.error().not_found()) co_return StoredSecret{};
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<StoredSecret> stored = read_config_map(*object);
  if (!stored) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(stored.error()));
  co_return std::move(*stored);
}

// As they stand in the other object now. What a clone needs of a cluster that is going away, or was
// never there, comes from nowhere else.
boost::asio::awaitable<Answer<SecretData>> copied(manifests::CopiedSecret recipe,
                                                  ActionContext context) {
  const std::string from = concat(recipe.of_config_map ? "ConfigMap " : "Secret ",
                                  recipe.from_namespace, "/", recipe.from);
  const k8s::ObjectName name{recipe.from_namespace, recipe.from};
  Answer<StoredSecret> stored = k8s::refuse(k8s::Trouble::kNotSent, "not attempted");
  if (recipe.of_config_map) {
    stored = co_await stored_config_map(name, context);
  } else {
    stored = co_await stored_secret(name, context);
  }
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  if (stored->version.empty() && !recipe.optional)
    co_return k8s::refuse(k8s::Trouble::kNotSent, from, " does not exist");
  if (recipe.keys.empty()) co_return std::move(stored->data);
  SecretData data;
  for (const std::string& key : recipe.keys) {
    const auto found = stored->data.find(key);
    if (found != stored->data.end()) {
      data.emplace(key, found->second);
    } else if (!recipe.optional) {
      co_return k8s::refuse(k8s::Trouble::kNotSent, from, " has no key ", key);
    }
  }
  co_return data;
}

// The Secret's content by its recipe. A certificate is made only by an authority that exists.
boost::asio::awaitable<Answer<SecretData>> material(fsm::EnsureSecret intent, SecretData existing,
                                                    ActionContext context) {
  if (const auto* copy = std::get_if<manifests::CopiedSecret>(&intent.recipe)) {
    Answer<SecretData> data = co_await copied(*copy, context);
    co_return data;
  }
  const Timestamp now = context.clock.now();
  std::function<Result<SecretData>()> work;
  if (const auto* root = std::get_if<manifests::RootAuthority>(&intent.recipe)) {
    work = [recipe = *root, existing, now] { return make_material(recipe, existing, now); };
  } else if (const auto* user = std::get_if<manifests::UserSecret>(&intent.recipe)) {
    work = [recipe = *user, existing] { return make_material(recipe, existing); };
  } else {
    const auto& recipe = std::get<manifests::CertificateSecret>(intent.recipe);
    const Answer<postgres::Authority> authority = co_await authority_for(intent, context);
    if (!authority) co_return k8s::refuse(authority.error());
    const Answer<std::string> others =
        co_await custom_tls_authorities(recipe.also_trusts, recipe.secret.namespace_name, context);
    if (!others) co_return k8s::refuse(others.error());
    work = [recipe, authority = *authority, others = *others, existing, now] {
      return make_material(recipe, authority, others, existing, now);
    };
  }
  Result<SecretData> data = co_await context.off_loop.compute(std::move(work));
  if (!data) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(data.error()));
  co_return *std::move(data);
}

// What stands in an authority from here on signs the certificates that are asked for next.
void remember(const fsm::EnsureSecret& intent, const SecretData& data, ActionContext context) {
  if (!std::holds_alternative<manifests::RootAuthority>(intent.recipe)) return;
  Result<postgres::Authority> authority = postgres::Authority::open(authority_in(data));
  if (!authority) return;
  const k8s::ObjectName name{intent.ref.name_space, intent.ref.name};
  context.recollection.remember(name, *std::move(authority));
}

// Makes of what stands there what the recipe asks for, unless it is another one by then: kConflict.
boost::asio::awaitable<Answer<ActionResult>> make_of(StoredSecret stored, fsm::EnsureSecret intent,
                                                     std::vector<ClusterIdentity> clusters,
                                                     ActionContext context) {
  Answer<SecretData> data = co_await material(intent, stored.data, context);
  if (!data) co_return k8s::refuse(std::move(data).error());
  const std::string version = stored.version.empty() ? kNothingThere : stored.version;
  std::string manifest =
      secret_manifest(manifests::secret_of(intent.recipe), *data, stored.owners, clusters, version);
  Answer<ActionResult> written = co_await apply(intent.ref, std::move(manifest), context);
  if (written) remember(intent, *data, context);
  co_return written;
}

bool is_shared(const fsm::EnsureSecret& intent) {
  return manifests::secret_of(intent.recipe).ownership == manifests::Ownership::kShared;
}

boost::asio::awaitable<Answer<ActionResult>> read_and_make(fsm::EnsureSecret intent,
                                                           std::vector<ClusterIdentity> clusters,
                                                           ActionContext context) {
  const k8s::ObjectName name{intent.ref.name_space, intent.ref.name};
  Answer<StoredSecret> stored = co_await stored_secret(name, context);
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  if (!is_shared(intent)) {
    const Answer<void> free = check_ownership(intent.ref, stored->holder, clusters.front());
    if (!free) co_return k8s::refuse(free.error());
  }
  Answer<ActionResult> written = co_await make_of(*std::move(stored), intent, clusters, context);
  co_return written;
}

// The first of the clusters is the one whose place in line this has.
boost::asio::awaitable<Answer<ActionResult>> make_for(std::vector<ClusterIdentity> clusters,
                                                      fsm::EnsureSecret intent,
                                                      ActionContext context) {
  Answer<ActionResult> written = k8s::refuse(k8s::Trouble::kNotSent, "not attempted");
  for (int tries = 0; tries < kTriesMax; ++tries) {
    // Whether it really is not there is the API server's to say: what is, is never written over.
    const bool is_new = tries == 0 && !clusters.front().is_target_known;
    if (is_new) {
      written = co_await make_of({}, intent, clusters, context);
    } else {
      written = co_await read_and_make(intent, clusters, context);
    }
    if (written || !written.error().conflict()) break;
  }
  co_return written;
}

}  // namespace

boost::asio::awaitable<Answer<StoredSecret>> stored_secret(k8s::ObjectName name,
                                                           ActionContext context) {
  const k8s::Resource resource = k8s::secrets();
  Answer<std::string> object =
      co_await context.client.get(resource, std::move(name), context.place);
  if (!object && object.error().not_found()) co_return StoredSecret{};
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<StoredSecret> stored = read_secret(*object);
  if (!stored) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(stored.error()));
  co_return std::move(*stored);
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::EnsureSecret intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  if (!is_shared(intent)) return make_for({std::move(cluster)}, std::move(intent), context);
  std::string object = concat(intent.ref.name_space, "/", intent.ref.name);
  std::string asked = intent.digest;
  auto write = [intent = std::move(intent), context](std::vector<ClusterIdentity> clusters) {
    return make_for(std::move(clusters), intent, context);
  };
  return context.joint_writes.write(std::move(object), std::move(asked), std::move(cluster),
                                    std::move(write));
}

}  // namespace annals::actions
