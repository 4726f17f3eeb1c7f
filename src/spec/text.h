// The shapes of names that Kubernetes and PostgreSQL allow.
#pragma once

#include <string_view>

namespace annals::spec {

// Lower-case letters, digits and inner dashes, at most 63: a label of DNS (RFC 1123).
bool is_dns_label(std::string_view text);
// Such labels with dots in between, at most 253: the name of most objects of Kubernetes.
bool is_dns_subdomain(std::string_view text);
// A label that begins with a letter, as the names of Services must (RFC 1035).
bool is_service_name(std::string_view text);
// A key of a Secret or ConfigMap, as a file name: not ".", not beginning with "..".
bool is_data_key(std::string_view text);
// "repo1" to "repo4".
bool is_repository_name(std::string_view text);
// Only letters, digits and dashes, at least one: the words of a pg_hba.conf.
bool is_hba_word(std::string_view text);
bool is_printable(std::string_view text);
// Whether `word` stands in `text` as a word of its own, in any case.
bool has_word(std::string_view text, std::string_view word);

// ASCII alone, whatever the locale.
bool is_digit(char c);
char to_lower(char c);

std::string_view trimmed(std::string_view text);

}  // namespace annals::spec
