// spec.authentication: who may connect from where and how, in the words of pg_hba.conf.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace annals::spec {

class Fields;

// Either one literal line, or the columns of one.
struct HbaRule {
  std::string hba;
  std::string connection;
  std::vector<std::string> databases;  // empty: all
  std::vector<std::string> users;      // empty: all
  std::string method;
  std::map<std::string, std::string> options;

  friend bool operator==(const HbaRule&, const HbaRule&) = default;
};

void describe(Fields& fields, HbaRule& rule);

struct Authentication {
  std::vector<HbaRule> rules;  // tried in this order, after those that the operator needs

  friend bool operator==(const Authentication&, const Authentication&) = default;
};

void describe(Fields& fields, Authentication& authentication);

}  // namespace annals::spec
