#include "spec/standby.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ranges>
#include <vector>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/repository.h"

namespace annals::spec {
namespace {

// Of a DNS name or an address; Patroni takes several with commas in between.
bool is_in_host(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(".-_:,").contains(c);
}

std::vector<std::string> labels_of(std::string_view host) {
  std::vector<std::string> labels;
  for (const auto label : host | std::views::split('.')) {
    std::string& text = labels.emplace_back(std::string_view(label));
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return labels;
}

}  // namespace

// "hippo-primary.ns.svc", or a pod: "hippo-x-0.hippo-pods.ns.svc".
bool is_host_of(std::string_view host, std::string_view cluster, std::string_view name_space) {
  if (host.empty()) return false;
  constexpr std::array<std::string_view, 4> kServices{"-primary", "-replicas", "-ha", "-pods"};
  std::vector<std::string> labels = labels_of(host);
  const std::string pods = concat(cluster, "-pods");
  if (labels.size() > 1 && labels[1] == pods) labels.erase(labels.begin());
  const bool is_its_service = std::ranges::any_of(kServices, [&](std::string_view suffix) {
    return labels.front() == concat(cluster, suffix);
  });
  if (!is_its_service) return false;
  return labels.size() == 1 ||
         (labels[1] == name_space && (labels.size() == 2 || labels[2] == "svc"));
}

void describe(Fields& fields, Standby& standby) {
  fields.flag("enabled", standby.enabled);
  fields.text("host", standby.host);
  fields.check(std::ranges::all_of(standby.host, is_in_host), "host",
               "give a DNS name or an IP address");
  fields.number("port", standby.port);
  fields.check(!standby.port || (*standby.port >= 1024 && *standby.port <= 65535), "port",
               "choose a port from 1024 to 65535");
  describe_repo_name(fields, standby.repo_name);
  fields.check_self(!standby.enabled || !standby.host.empty() || !standby.repo_name.empty(),
                    "give host, repoName or both: the source of the standby's data");
}

}  // namespace annals::spec
