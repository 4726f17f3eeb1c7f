// Any bytes are a Secret, a custom resource with finalizers, or an error, and what is not even
// JSON is not repeated in the error. Whatever a Secret held, material can be made of it, and is
// kept the next time.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "actions/finalizer_patch.h"
#include "actions/secret_data.h"
#include "actions/secret_material.h"
#include "actions/versioned_status.h"

namespace {

using namespace annals::actions;  // NOLINT(google-build-using-namespace): a program of one function
namespace fsm = annals::fsm;
namespace manifests = annals::manifests;

constexpr annals::Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};
constexpr std::string_view kCanary = "canary";

bool is_same(const SecretData& a, const SecretData& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.reveal() == y.second.reveal();
  });
}

manifests::SecretObject object_of(manifests::Ownership ownership) {
  return {"s", "ns", {}, {}, ownership};
}

// Made of any content; once made, it is good.
void look_at_root(const SecretData& existing) {
  const manifests::RootAuthority recipe{object_of(manifests::Ownership::kShared), "root.crt",
                                        "root.key", "ca"};
  const annals::Result<SecretData> made = make_material(recipe, existing, kNow);
  if (!made) std::abort();
  const annals::Result<SecretData> kept = make_material(recipe, *made, kNow);
  if (!kept || !is_same(*made, *kept)) std::abort();
}

const annals::postgres::Authority& authority() {
  static const annals::postgres::Authority kAuthority = [] {
    const manifests::RootAuthority recipe{object_of(manifests::Ownership::kShared), "root.crt",
                                          "root.key", "ca"};
    annals::Result<SecretData> made = make_material(recipe, {}, kNow);
    if (!made) std::abort();
    annals::Result<annals::postgres::Authority> opened =
        annals::postgres::Authority::open(authority_in(*made));
    if (!opened) std::abort();
    return *opened;
  }();
  return kAuthority;
}

void look_at_leaf(const SecretData& existing) {
  const manifests::CertificateSecret recipe{
      object_of(manifests::Ownership::kController),
      "root",
      {{"localhost",
        {"localhost"},
        true,
        true,
        {{"tls.crt", manifests::Content::kCertificate},
         {"tls.key", manifests::Content::kPrivateKey},
         {"ca.crt", manifests::Content::kAuthority}}},
       {"both", {}, false, true, {{"both.pem", manifests::Content::kKeyAndCertificate}}}}};
  const annals::Result<SecretData> made = make_material(recipe, authority(), "", existing, kNow);
  if (!made) std::abort();
  const annals::Result<SecretData> kept = make_material(recipe, authority(), "", *made, kNow);
  if (!kept || !is_same(*made, *kept)) std::abort();
  // An authority of somebody else's making signs, or is an error.
  const annals::Result<annals::postgres::Authority> others =
      annals::postgres::Authority::open(authority_in(existing));
  if (others) (void)make_material(recipe, *others, "", {}, kNow);
}

void look_at_user(const SecretData& existing) {
  manifests::UserSecret recipe;
  recipe.user = "hippo";
  recipe.database = "hippo";
  recipe.address = {"hippo-primary.ns.svc", 5432};
  recipe.pgbouncer = manifests::Address{"hippo-pgbouncer.ns.svc", 5432};
  const annals::Result<SecretData> made = make_material(recipe, existing);
  if (!made) return;
  const annals::Result<SecretData> kept = make_material(recipe, *made);
  if (!kept || !is_same(*made, *kept)) std::abort();
}

void look_at_secret(std::string_view object) {
  const annals::Result<StoredSecret> stored = read_secret(object);
  if (!stored) {
    // What is JSON may be told by the name of its key.
    const bool cut = !nlohmann::json::accept(object);
    if (cut && annals::to_string(stored.error()).contains(kCanary)) std::abort();
    return;
  }
  const ClusterIdentity cluster{annals::ClusterUid("uid"), "ns", "hippo"};
  const std::string manifest = secret_manifest(object_of(manifests::Ownership::kShared),
                                               stored->data, stored->owners, {cluster});
  const annals::Result<StoredSecret> again = read_secret(manifest);
  if (!again || !is_same(stored->data, again->data)) std::abort();
  look_at_root(stored->data);
  look_at_leaf(stored->data);
  look_at_user(stored->data);
}

// A status is for the resource that was read, in that version, and says nothing else than before.
void look_at_status(std::string_view object) {
  const ClusterIdentity cluster{annals::ClusterUid("uid"), "ns", "hippo"};
  const annals::Result<std::string> version = version_of(object, cluster);
  if (!version) return;
  const annals::Result<std::string> status =
      versioned_status(R"({"metadata":{"name":"hippo"},"status":{}})", *version, cluster);
  if (!status) return;
  const nlohmann::json made = nlohmann::json::parse(*status);
  if (made.size() != 2 || made.at("metadata").size() != 3) std::abort();
  if (made.at("metadata").at("uid") != "uid") std::abort();
  if (made.at("metadata").at("resourceVersion").get<std::string>().empty()) std::abort();
}

// What a patch leaves behind is as it was asked for.
void look_at_finalizers(std::string_view object) {
  for (const bool present : {true, false}) {
    const fsm::SetFinalizer intent{.ref = {}, .digest = "uid", .present = present};
    const annals::Result<std::optional<std::string>> patch = finalizer_patch(object, intent);
    if (!patch || !*patch) continue;
    nlohmann::json patched = nlohmann::json::parse(object);
    patched.merge_patch(nlohmann::json::parse(**patch));
    const annals::Result<std::optional<std::string>> again =
        finalizer_patch(patched.dump(), intent);
    if (!again || again->has_value()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view object(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 's') {
    look_at_secret(object);
  } else {
    look_at_finalizers(object);
    look_at_status(object);
  }
  return 0;
}
