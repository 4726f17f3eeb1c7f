#include "actions/ensure_secret.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/apply_object.h"
#include "actions/brought_authority.h"
#include "actions/secret_material.h"
#include "base/concat.h"

namespace annals::actions {
namespace {

// The Secret's content by its recipe. A certificate is made only by an authority that exists.
boost::asio::awaitable<Answer<SecretData>> material(manifests::SecretRecipe recipe,
                                                    SecretData existing, Means means,
                                                    Timestamp now) {
  Result<SecretData> data = fail(Errc::kInvalid, "no material was made");
  if (const auto* root = std::get_if<manifests::RootAuthority>(&recipe)) {
    data = make_material(*root, existing, now);
  } else if (const auto* user = std::get_if<manifests::UserSecret>(&recipe)) {
    data = make_material(*user, existing);
  } else {
    const auto& certificates = std::get<manifests::CertificateSecret>(recipe);
    const k8s::ObjectName authority_name{certificates.secret.namespace_name,
                                         certificates.authority};
    Answer<StoredSecret> authority = co_await stored_secret(authority_name, means);
    if (!authority) co_return k8s::refuse(std::move(authority).error());
    Answer<std::string> others = co_await brought_authorities(
        certificates.also_trusts, certificates.secret.namespace_name, means);
    if (!others) co_return k8s::refuse(std::move(others).error());
    data = make_material(certificates, authority_in(authority->data), *others, existing, now);
  }
  if (!data) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(data.error()));
  co_return std::move(*data);
}

}  // namespace

boost::asio::awaitable<Answer<StoredSecret>> stored_secret(k8s::ObjectName name, Means means) {
  const k8s::Resource resource = k8s::secrets();
  Answer<std::string> object = co_await means.client.get(resource, std::move(name));
  if (!object && object.error().not_found()) co_return StoredSecret{};
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<StoredSecret> stored = read_secret(*object);
  if (!stored) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(stored.error()));
  co_return std::move(*stored);
}

boost::asio::awaitable<Answer<Written>> run(fsm::EnsureSecret intent, ClusterIdentity cluster,
                                            Means means) {
  const k8s::ObjectName name{intent.ref.name_space, intent.ref.name};
  std::optional<Turns::Turn> turn;
  const bool is_shared =
      manifests::secret_of(intent.recipe).ownership == manifests::Ownership::kShared;
  if (is_shared) {
    std::string what = concat(name.name_space, "/", name.name);
    Turns::Turn taken = co_await means.turns.take(std::move(what));
    turn.emplace(std::move(taken));
  }
  Answer<StoredSecret> stored = co_await stored_secret(name, means);
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  if (!is_shared) {
    const Answer<void> free = check_holder(intent.ref, stored->holder, cluster);
    if (!free) co_return k8s::refuse(free.error());
  }
  Answer<SecretData> data =
      co_await material(intent.recipe, stored->data, means, means.clock.now());
  if (!data) co_return k8s::refuse(std::move(data).error());
  std::string manifest =
      secret_manifest(manifests::secret_of(intent.recipe), *data, stored->owners, cluster);
  Answer<Written> written = co_await apply(intent.ref, std::move(manifest), means);
  co_return written;
}

}  // namespace annals::actions
