// The functions of libcurl that mail calls. It pulls in some thirty libraries, so it is not linked
// but loaded with the first letter. load_curl() once at a time; what it answers stays.
#pragma once

#include <curl/curl.h>

#include "base/error.hpp"

namespace telltale::mail {

struct CurlFunctions {
  CURLcode (*global_init)(long flags) = nullptr;
  CURL* (*easy_init)() = nullptr;
  void (*easy_cleanup)(CURL*) = nullptr;
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...) = nullptr;
  CURLcode (*easy_perform)(CURL*) = nullptr;
  const char* (*easy_strerror)(CURLcode) = nullptr;
  CURLcode (*easy_getinfo)(CURL*, CURLINFO, ...) = nullptr;
  curl_slist* (*slist_append)(curl_slist*, const char*) = nullptr;
  void (*slist_free_all)(curl_slist*) = nullptr;
};

// unavailable: it is not installed.
base::Result<const CurlFunctions*> load_curl();

}  // namespace telltale::mail
