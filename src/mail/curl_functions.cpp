#include "mail/curl_functions.hpp"

#include <dlfcn.h>

#include "base/log.hpp"

namespace telltale::mail {
namespace {

base::Result<CurlFunctions> look_up() {
  void* const handle = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);  // never closed
  if (handle == nullptr) {
    base::write_log(base::LogLevel::warning, "mail", ::dlerror());
    return base::fail(base::Code::unavailable,
                      "mail needs libcurl.so.4, which cannot be loaded (is libcurl4 installed?)");
  }
  CurlFunctions out;
  bool all = true;
  const auto find = [&]<class Function>(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    all = all && function != nullptr;
  };
  find(out.global_init, "curl_global_init");
  find(out.easy_init, "curl_easy_init");
  find(out.easy_cleanup, "curl_easy_cleanup");
  find(out.easy_setopt, "curl_easy_setopt");
  find(out.easy_perform, "curl_easy_perform");
  find(out.easy_strerror, "curl_easy_strerror");
  find(out.easy_getinfo, "curl_easy_getinfo");
  find(out.slist_append, "curl_slist_append");
  find(out.slist_free_all, "curl_slist_free_all");
  if (!all || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return base::fail(base::Code::unavailable, "libcurl.so.4 is not the one mail needs");
  return out;
}

}  // namespace

base::Result<const CurlFunctions*> load_curl() {
  static const auto kFunctions = look_up();
  if (!kFunctions) return std::unexpected(kFunctions.error());
  return &*kFunctions;
}

}  // namespace telltale::mail
