// A small map that several loops read and write: values are shared pointers, copied out under a
// lock that is held for the look-up only. For registries (running operations, open sockets), not
// for hot per-packet state.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace telltale::runtime {

template <class Value>
class SharedMap {
 public:
  void put(const std::string& key, std::shared_ptr<Value> value) {
    const std::lock_guard lock(mutex_);
    items_[key] = std::move(value);
  }
  void erase(const std::string& key) {
    std::shared_ptr<Value> last;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    const auto found = items_.find(key);
    if (found == items_.end()) return;
    last = std::move(found->second);
    items_.erase(found);
  }
  std::shared_ptr<Value> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = items_.find(key);
    return found == items_.end() ? nullptr : found->second;
  }
  // Removes and gives it: of several who ask, one gets it.
  std::shared_ptr<Value> take(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = items_.find(key);
    if (found == items_.end()) return nullptr;
    auto out = std::move(found->second);
    items_.erase(found);
    return out;
  }
  template <class Condition>
  void clear_if(Condition condition) {
    const std::lock_guard lock(mutex_);
    std::erase_if(items_, [&](const auto& item) { return condition(*item.second); });
  }
  std::vector<std::shared_ptr<Value>> all() const {
    std::vector<std::shared_ptr<Value>> out;
    const std::lock_guard lock(mutex_);
    out.reserve(items_.size());
    for (const auto& [key, value] : items_) out.push_back(value);
    return out;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Value>> items_;
};

}  // namespace telltale::runtime
