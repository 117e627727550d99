// How OHIF is set up here: one source of images, the transfer whose word is in the address.
"use strict";

(() => {
  const base = location.pathname.split("/").slice(0, 3).join("/"); // /o/<word>
  const root = `${base}/dicomweb`;

  // OHIF never stands alone: the line "not for primary diagnosis" is in the page around it.
  // Browsers tell the server so where the address is https; elsewhere this line does it.
  if (window.top === window) {
    const asked = new URLSearchParams(location.search);
    const study = asked.get("StudyInstanceUIDs") || "";
    location.replace(`${base}?${new URLSearchParams({ study, lang: asked.get("lng") || "" })}`);
  }

  // OHIF 3.13 looks for overlay planes of group 6000 by their tag, but its own reader of DICOM JSON
  // has given them names by then.
  const overlaysOfGroup6000 = (type, imageId) => {
    const image =
      type === "overlayPlaneModule" && window.cornerstone.metaData.get("instance", imageId);
    if (!image || !image.OverlayData || !image.OverlayOrigin) return undefined;
    const plane = {
      rows: image.OverlayRows,
      columns: image.OverlayColumns,
      type: image.OverlayType,
      x: image.OverlayOrigin[0],
      y: image.OverlayOrigin[1],
      pixelData: image.OverlayData,
    };
    return { overlays: [plane] };
  };
  const overlays = {
    id: "passbox.overlays",
    onModeEnter: () => window.cornerstone.metaData.addProvider(overlaysOfGroup6000, 9999.5),
  };

  window.PUBLIC_URL = "/";
  window.browserImportFunction = (name) => import(name);
  window.config = {
    name: "passbox",
    routerBasename: base,
    extensions: [overlays],
    modes: [],
    customizationService: { "ohif.tours": { $set: [] } }, // no tour in front of the images
    showStudyList: false,
    showErrorDetails: "production",
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: false,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    investigationalUseDialog: { option: "never" }, // our own line stands above, always
    maxNumberOfWebWorkers: 3,
    maxNumRequests: { interaction: 20, thumbnail: 5, prefetch: 6 },
    defaultDataSourceName: "transfer",
    dataSources: [
      {
        namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
        sourceName: "transfer",
        configuration: {
          friendlyName: "Passbox",
          name: "transfer",
          qidoRoot: root,
          wadoRoot: root,
          wadoUriRoot: root,
          qidoSupportsIncludeField: false,
          supportsFuzzyMatching: false,
          supportsWildcard: false,
          supportsReject: false,
          supportsStow: false,
          dicomUploadEnabled: false,
          imageRendering: "wadors",
          thumbnailRendering: "thumbnail",
          thumbnailRequestStrategy: "fetch",
          enableStudyLazyLoad: true,
          singlepart: "",
          bulkDataURI: { enabled: true },
          fixBulkdataMultipart: false, // values are what they are, also those that begin with "--"
          loadMultiframeAsPart10: false, // segmentations frame by frame: no file leaves as a whole
          omitQuotationForMultipartRequest: true,
        },
      },
    ],
    httpErrorHandler: () => {},
  };
})();
